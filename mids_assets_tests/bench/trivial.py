"""The yardstick of the API: the least that an application of the same framework can do."""

from fastapi import FastAPI

app = FastAPI()


@app.get("/trivial")
async def trivial() -> dict[str, str]:
    return {"status": "ok"}
