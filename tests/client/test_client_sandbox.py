"""The Pillarbox that the pytest plugin starts is nobody else's."""

from notifications_python_client.testing.sandbox import environment


def test_a_database_of_the_program_under_test_is_never_used(monkeypatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://localhost/precious")
    monkeypatch.setenv("PILLARBOX_DATA", "/precious")
    monkeypatch.setenv("SOMETHING_ELSE", "kept")
    given = environment()
    assert "DATABASE_URL" not in given
    assert "PILLARBOX_DATA" not in given
    assert given["SOMETHING_ELSE"] == "kept"
