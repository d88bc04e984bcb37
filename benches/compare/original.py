"""The Python original as a server: original.py PORT [SQLITE_FILE]. The secret is in KERNIA_SECRET."""

import asyncio
import os
import sys

import uvicorn
from kernia.auth import init
from kernia.plugins.email_password import email_and_password
from kernia.types.init_options import EmailPasswordOptions, KerniaOptions, RateLimitOptions

BASE_PATH = "/api/auth"


async def database():
    if len(sys.argv) < 3:
        from kernia_memory_adapter import memory_adapter

        return memory_adapter()
    from kernia_sqlalchemy import sqlalchemy_adapter
    from sqlalchemy import event
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine(f"sqlite+aiosqlite:///{sys.argv[2]}")

    @event.listens_for(engine.sync_engine, "connect")
    def as_the_others_do(connection, _):
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")

    return await sqlalchemy_adapter(engine=engine)


async def main():
    options = KerniaOptions(
        database=await database(),
        secret=os.environ["KERNIA_SECRET"],
        base_url=f"http://127.0.0.1:{sys.argv[1]}",
        base_path=BASE_PATH,
        email_and_password=EmailPasswordOptions(enabled=True),
        rate_limit=RateLimitOptions(enabled=False),
        plugins=[email_and_password()],
    )
    routes = init(options).router.mount()

    async def application(scope, receive, send):
        if scope["type"] == "http":
            scope = {**scope, "path": scope["path"].removeprefix(BASE_PATH)}
        await routes(scope, receive, send)

    config = uvicorn.Config(application, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False)
    await uvicorn.Server(config).serve()


asyncio.run(main())
