"""deploy/compose: valid for the real compose, and its parts fit: commands, ports, secrets, settings, the proxy's file.

No container is started here: that needs Docker. What the containers run is what other tests run as processes.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml

from mids_assets.settings import Settings
from mids_assets_tests.e2e import proxy
from mids_assets_tests.e2e.dg_dev import until
from mids_assets_tests.e2e.web_pair import WORKSPACE
from mids_assets_tests.real import PROJECT
from mids_assets_tests.servers import free_ports, listens, program

OURS = ("operators", "viewers", "daemon", "code", "worker")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """The folder as an administrator has it before `docker compose up`."""
    made = tmp_path_factory.mktemp("compose")
    shutil.copytree(
        PROJECT / "deploy", made / "deploy", ignore=shutil.ignore_patterns("secrets", ".env", "settings.env")
    )
    here = made / "deploy" / "compose"
    subprocess.run(["./prepare"], cwd=here, check=True)
    for name in ("certificate", "certificate_key"):
        (here / "secrets" / name).write_text("from an authority\n")
    return here


@pytest.fixture(scope="module")
def services(folder) -> dict[str, Any]:
    return resolved(folder)["services"]


def resolved(folder: Path) -> dict[str, Any]:
    """What compose makes of the file; it refuses what its specification does not know."""
    done = subprocess.run(
        [Path(sys.executable).with_name("docker-compose"), "config", "--format", "json"],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout)


def test_what_prepare_makes_is_found_and_kept(folder):
    everything = resolved(folder)
    named = [Path(one["file"]) for kind in ("secrets", "configs") for one in everything[kind].values()]
    assert len(named) > 5
    assert [path for path in named if not path.exists()] == []

    secrets = folder / "secrets"
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o700
    passwords = {path.name: path.read_text() for path in secrets.iterdir()}
    subprocess.run(["./prepare"], cwd=folder, check=True)
    assert {path.name: path.read_text() for path in secrets.iterdir()} == passwords
    for password, url in (("postgres_password", "database_url"), ("broker_password", "broker_url")):
        assert len(passwords[password].strip()) == 48
        assert passwords[password].strip() in passwords[url]
    assert passwords["postgres_password"] != passwords["broker_password"]


def test_the_settings_of_a_container_are_such_and_read(folder, services):
    for name in OURS:
        env = {
            key: value.replace("/run/secrets", str(folder / "secrets"))
            for key, value in services[name]["environment"].items()
        }
        assert [key for key in env if key.startswith("MIDS_") and not is_setting(key)] == []
        settings = Settings.from_env(env)
        assert settings.database_url == (folder / "secrets" / "database_url").read_text().strip()


def test_only_the_proxy_is_reached_from_outside(services):
    assert [name for name, service in services.items() if service.get("ports")] == ["proxy"]
    reached = {name for name, service in services.items() if "front" in service["networks"]}
    assert reached == {"proxy", "operators", "viewers"}
    assert "back" not in services["proxy"]["networks"]


def test_every_service_starts_again_is_looked_after_and_waits_for_what_is_healthy(services):
    # The two web servers are looked after by the health check of their image.
    image = (PROJECT / "deploy" / "Dockerfile").read_text()
    assert "HEALTHCHECK" in image
    assert "127.0.0.1:3000/server_info" in image
    for name, service in services.items():
        assert service["restart"] == "unless-stopped", name
        if name in ("operators", "viewers"):
            assert service["command"][-2:] == ["--port", "3000"]
        else:
            assert service["healthcheck"]["test"], name
        for other, how in service.get("depends_on", {}).items():
            assert how["condition"] == "service_healthy", (name, other)


def test_no_container_of_ours_may_do_more_than_it_must(services):
    logs = "/app/dagster_home/storage"
    for name in OURS:
        service = services[name]
        assert service["read_only"], name
        assert (service["cap_drop"], service["security_opt"]) == (["ALL"], ["no-new-privileges:true"]), name
        written = {volume["target"] for volume in service["volumes"]}
        assert written == {"/tmp", logs, *(["/var/lib/mids"] if name in ("code", "worker") else [])}


def test_commands_exist_with_their_options(services):
    asked = [services[name]["command"] for name in OURS]
    asked += [services[name]["healthcheck"]["test"][1:] for name in ("daemon", "code", "worker")]
    for command in asked:
        words = [word for word in command[1:] if re.fullmatch(r"[a-z][a-z-]*", word)]
        options = [word for word in command if word.startswith("-")]
        # dagster's commands are two words, the others' one.
        named = [command[0], *words[: 2 if command[0] == "dagster" else 1]]
        path = Path(sys.executable).with_name(named[0])
        program = [sys.executable, "-m", "mids_assets.cli"] if named[0] == "mids" else [path]
        told = subprocess.run([*program, *named[1:], "--help"], cwd=PROJECT, capture_output=True, text=True)
        assert told.returncode == 0, (command, told.stderr)
        assert [option for option in options if option not in told.stdout] == [], command


def test_the_code_is_where_the_workspace_says(services):
    (place,) = yaml.safe_load(WORKSPACE.read_text())["load_from"]
    assert place["grpc_server"]["host"] in services
    assert str(place["grpc_server"]["port"]) in services["code"]["command"]
    assert services["code"]["healthcheck"]["test"][-1] == str(place["grpc_server"]["port"])
    for name in ("operators", "viewers", "daemon"):
        assert {"source": "workspace", "target": "/app/workspace.yaml"} in services[name]["configs"]
    # What the web command and the daemon take where nothing is said.
    assert (PROJECT / "workspace.yaml").exists()


def test_the_proxy_gets_the_file_that_is_tested_and_every_name_in_it(folder, services):
    service = services["proxy"]
    configs = resolved(folder)["configs"]
    assert Path(configs["proxy"]["file"]).read_text() == proxy.TEMPLATE.read_text()

    names = set(re.findall(r"\$\{(\w+)\}", proxy.TEMPLATE.read_text()))
    env = service["environment"]
    for_the_image = {"NGINX_ENVSUBST_FILTER", "NGINX_ENTRYPOINT_LOCAL_RESOLVERS"}
    assert names == env.keys() - for_the_image | {"NGINX_LOCAL_RESOLVERS"}
    assert all(re.match(env["NGINX_ENVSUBST_FILTER"], name) for name in names)

    for role in ("operators", "viewers"):
        host, port = env[f"NGINX_{role.upper()}_SERVER"].split(":")
        assert host == role
        assert services[host]["command"][-1] == port
    assert "--read-only" in services["viewers"]["command"]
    assert "--read-only" not in services["operators"]["command"]
    targets = {one["target"] for one in [*service["secrets"], *service["configs"]]}
    for name in ("CERTIFICATE", "CERTIFICATE_KEY", "PASSWORDS_FILE", "OPERATORS_FILE"):
        assert env[f"NGINX_{name}"] in targets


def test_the_broker_starts_and_asks_for_its_password(folder, services, tmp_path):
    """Its own command and health check, on this machine's Redis."""
    server, client = program("redis-server"), program("redis-cli")
    (port,) = free_ports(1)

    def here(text: str) -> str:
        # What is true only inside the container: places, names of programs, the port.
        outside = {
            "/run/secrets": str(folder / "secrets"),
            "dir /data": f"dir {tmp_path}\nport {port}\nbind 127.0.0.1",
            "redis-server": server,
            "redis-cli": f"{client} -p {port}",
            "$$": "$",
        }
        for inside, there in outside.items():
            text = text.replace(inside, there)
        return text

    broker = services["broker"]
    shell, option, command = broker["command"]
    process = subprocess.Popen([shell, option, here(command)], stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        until(lambda: listens(port), 20, "Redis does not start", every=0.05)
        kind, check = broker["healthcheck"]["test"]
        assert kind == "CMD-SHELL"
        assert subprocess.run(["sh", "-c", here(check)]).returncode == 0
        stranger = subprocess.run([client, "-p", str(port), "ping"], capture_output=True, text=True)
        assert "NOAUTH" in stranger.stdout
        # The signal reaches Redis itself, which then writes what it holds.
        process.terminate()
        assert process.wait(10) == 0
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    assert list(tmp_path.glob("appendonlydir/*"))


def is_setting(name: str) -> bool:
    """Whether settings.py, or that of the API, reads a variable, itself or by the file that holds it."""
    package = PROJECT / "mids_assets"
    read = (package / "settings.py").read_text() + (package / "api" / "settings.py").read_text()
    return re.search(rf"\b{name.removesuffix('_FILE')}\b", read) is not None


def test_every_setting_that_deploy_names_exists():
    named = {
        name
        for path in (PROJECT / "deploy").rglob("*")
        if path.is_file()
        for name in re.findall(r"\bMIDS_[A-Z_]+\b", path.read_text(errors="replace"))
    }
    assert len(named) > 5
    assert {name for name in named if not is_setting(name)} == set()
