// Everything that the published Node client can do without files, tried on a server; run where it is installed.
//
//     node node_client.cjs BASE_URL
//
// Prints a line for each thing tried. The ids are those of the seeded data (tests/contract/cases/fixture.json).

const assert = require("node:assert/strict");
const { NotifyClient } = require("notifications-node-client");
const { version } = require("./package-lock.json").packages["node_modules/notifications-node-client"];

const BASE = process.argv[2];
const MAIN = "main_live_key-fce57985-d0af-4a5b-a70d-fce91c892c49-4bfa8c16-306e-4fb6-8e1b-d224acaa158b";
const TEAM = "main_team_key-fce57985-d0af-4a5b-a70d-fce91c892c49-2e057e43-09f9-45d3-857b-63416895f7b0";
const REVOKED = "main_revoked_key-fce57985-d0af-4a5b-a70d-fce91c892c49-6d7062f1-1ae5-4112-b429-7a592d449de9";
const PAGER = "pager_live_key-39ed7b56-4449-4401-80ce-eb369304f3f3-fe38cefa-d223-43c2-81c2-7660f0f08c7c";
const SMS = "465c963b-fc12-4323-bb74-5b1ea5811b4c";
const SMS_PLAIN = "4ea11bcb-1b5b-4b5c-b74d-be1d092ca227";
const SMS_VERSIONS = "fad256bc-a903-482c-a1c5-34883afa1057";
const EMAIL = "c00ab599-0d18-40eb-8d02-b5d15d436cd3";
const LETTER = "302b079e-f8c4-4ed2-a409-f9cc476f9139";
const SENDER = "341b23d2-3893-48d2-b578-66719006290d";
const REPLY_TO = "be181348-f3ac-4521-b346-15f4f7464703";
const NOBODY = "740e5834-3a29-46b4-9a6f-16142fde533a";
const ADDRESS = { address_line_1: "Jo Public", address_line_2: "1 High Street", address_line_3: "SW1A 1AA" };

const client = new NotifyClient(BASE, MAIN);
const pager = new NotifyClient(BASE, PAGER);

async function reached(id, status) {
  for (let turn = 0; turn < 100; turn++) {
    const { data } = await client.getNotificationById(id);
    if (data.status === status) return data;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`never ${status}`);
}

async function refused(status, message, call) {
  const error = await call().then(() => null, (error) => error);
  assert.ok(error, "accepted");
  assert.equal(error.response.data.status_code, status);
  assert.match(error.response.data.errors[0].message, message);
}

const TRIED = {
  async text() {
    const options = { personalisation: { name: "Zoë" }, reference: "node-text", smsSenderId: SENDER };
    const { status, data } = await client.sendSms(SMS, "07700900123", options);
    assert.equal(status, 201);
    assert.equal(data.content.from_number, "447123123123");
    assert.match(data.content.body, /^Hello Zoë/);
    assert.equal((await reached(data.id, "delivered")).reference, "node-text");
  },
  async email() {
    const options = {
      personalisation: { name: "Jo" },
      reference: "node-email",
      emailReplyToId: REPLY_TO,
      oneClickUnsubscribeURL: "https://example.com/unsubscribe",
    };
    const { data } = await client.sendEmail(EMAIL, "jo@example.com", options);
    assert.equal(data.content.one_click_unsubscribe_url, "https://example.com/unsubscribe");
    assert.equal((await reached(data.id, "delivered")).email_address, "jo@example.com");
  },
  async letter() {
    const personalisation = { ...ADDRESS, name: "Jo", required_documents: ["passport", "photo"] };
    const { data } = await client.sendLetter(LETTER, { personalisation, reference: "node-letter" });
    const shown = (await client.getNotificationById(data.id)).data;
    assert.deepEqual([shown.type, shown.status, shown.line_1], ["letter", "accepted", "Jo Public"]);
  },
  async lists_and_filters() {
    const { data } = await client.getNotifications("sms", undefined, "node-text");
    assert.deepEqual(data.notifications.map((one) => one.reference), ["node-text"]);
    assert.equal((await client.getNotifications("sms", "failed", "node-text")).data.notifications.length, 0);
  },
  async pages() {
    const first = (await pager.getNotifications()).data.notifications;
    const second = (await pager.getNotifications(undefined, undefined, undefined, first.at(-1).id)).data.notifications;
    assert.deepEqual([first.length, second.length], [250, 1]);
  },
  async received_texts() {
    const first = (await pager.getReceivedTexts()).data.received_text_messages;
    const second = (await pager.getReceivedTexts(first.at(-1).id)).data.received_text_messages;
    assert.deepEqual([first.length, second.length, first[0].content], [250, 1, "text 1"]);
  },
  async templates() {
    assert.ok((await client.getAllTemplates()).data.templates.some((one) => one.id === SMS));
    const emails = (await client.getAllTemplates("email")).data.templates;
    assert.deepEqual([...new Set(emails.map((one) => one.type))], ["email"]);
    assert.deepEqual((await client.getTemplateById(SMS)).data.personalisation, { name: { required: true } });
    assert.equal((await client.getTemplateByIdAndVersion(SMS_VERSIONS, 1)).data.body, "Version one ((one))");
  },
  async previews() {
    assert.match((await client.previewTemplateById(SMS, { name: "Jo" })).data.body, /^Hello Jo/);
    assert.match((await client.previewTemplateById(EMAIL, { name: "Jo" })).data.html, /<p/);
  },
  async errors() {
    await refused(400, /^Missing personalisation: name$/, () => client.sendSms(SMS, "07700900123"));
    await refused(400, /^Template not found$/, () => client.sendSms(NOBODY, "07700900123"));
    await refused(400, /phone_number/, () => client.sendSms(SMS_PLAIN, "not a number"));
    await refused(400, /email_address/, () => client.sendEmail(EMAIL, "nobody", { personalisation: { name: "Jo" } }));
    await refused(404, /^No result found$/, () => client.getNotificationById(NOBODY));
    await refused(400, /not a valid UUID/, () => client.getNotificationById("nonsense"));
    await refused(400, /is not one of/, () => client.getNotifications("sms", "nonsense"));
  },
  async errors_of_keys() {
    const team = new NotifyClient(BASE, TEAM);
    await refused(400, /team-only API key/, () => team.sendSms(SMS_PLAIN, "07700900123"));
    await refused(403, /Invalid token: API key revoked/, () => new NotifyClient(BASE, REVOKED).getAllTemplates());
  },
};

async function main() {
  console.log(`notifications-node-client ${version}, Node ${process.version}`);
  let failures = 0;
  for (const [name, step] of Object.entries(TRIED)) {
    try {
      await step();
      console.log(`passed ${name}`);
    } catch (error) {
      failures += 1;
      console.log(`FAILED ${name}\n${error.stack}`);
    }
  }
  process.exit(failures > 0 ? 1 : 0);
}

main();
