"""The pool of connections."""

from pillarbox.store.database import open_pool


async def test_the_connection_that_was_used_last_is_lent_out_next(url) -> None:
    pool = await open_pool(url, size=2)
    async with pool.connection() as outer, pool.connection() as inner:
        assert outer is not inner
    for _ in range(3):  # the inner one came back first, then the outer one
        async with pool.connection() as connection:
            assert connection is outer
    await pool.close()
