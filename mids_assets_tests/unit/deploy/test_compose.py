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

from mids_assets.api.settings import ApiSettings
from mids_assets.settings import Settings
from mids_assets_tests.e2e import proxy
from mids_assets_tests.e2e.dg_dev import until
from mids_assets_tests.e2e.web_pair import WORKSPACE
from mids_assets_tests.real import PROJECT
from mids_assets_tests.servers import free_ports, listens, program

OURS = ("operators", "viewers", "daemon", "code", "worker", "api")
PROXIES = {"proxy": proxy.TEMPLATE, "api-proxy": proxy.API_TEMPLATE}


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
        [Path(sys.executable).with_name("docker-compose"), "--profile", "api", "config", "--format", "json"],
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
    named = [Path(one["file"]) for kind in ("secrets", "configs") for one in everything[kind].values() if "file" in one]
    assert len(named) > 5
    assert [path for path in named if not path.exists()] == []

    secrets = folder / "secrets"
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o700
    passwords = {path.name: path.read_text() for path in secrets.iterdir()}
    subprocess.run(["./prepare"], cwd=folder, check=True)
    assert {path.name: path.read_text() for path in secrets.iterdir()} == passwords
    for whose, url in (("postgres", "database_url"), ("broker", "broker_url"), ("reader", "reader_url")):
        password = f"{whose}_password"
        assert len(passwords[password].strip()) == 48
        assert passwords[password].strip() in passwords[url]
    assert len({passwords[f"{whose}_password"] for whose in ("postgres", "broker", "reader")}) == 3


def test_the_settings_of_a_container_are_such_and_read(folder, services):
    for name in OURS:
        env = {
            key: value.replace("/run/secrets", str(folder / "secrets"))
            for key, value in services[name]["environment"].items()
        }
        assert [key for key in env if key.startswith("MIDS_") and not is_setting(key)] == []
        settings = Settings.from_env(env)
        secret = "reader_url" if name == "api" else "database_url"
        assert settings.database_url == (folder / "secrets" / secret).read_text().strip()
    assert "reader_password" not in resolved(folder)["secrets"]
    ApiSettings.from_env({key: services["api"]["environment"][key] for key in ("MIDS_API_PROXIES",)})


def test_only_the_proxies_are_reached_from_outside(services):
    assert {name for name, service in services.items() if service.get("ports")} == set(PROXIES)
    reached = {name for name, service in services.items() if "front" in service["networks"]}
    assert reached == {*PROXIES, "operators", "viewers", "api"}
    assert not any("back" in services[name]["networks"] for name in PROXIES)


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
        works = ["/var/lib/mids"] if name in ("code", "worker") else []
        assert written == ({"/tmp"} if name == "api" else {"/tmp", logs, *works})


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


def test_a_proxy_gets_the_file_that_is_tested_and_every_name_in_it(folder, services):
    configs = resolved(folder)["configs"]
    for name, template in PROXIES.items():
        (source,) = [one["source"] for one in services[name]["configs"] if one["target"].endswith(".template")]
        assert Path(configs[source]["file"]).read_text() == template.read_text()
        wanted = set(re.findall(r"\$\{(\w+)\}", template.read_text()))
        given = services[name]["environment"]
        for_the_image = {"NGINX_ENVSUBST_FILTER", "NGINX_ENTRYPOINT_LOCAL_RESOLVERS"}
        assert wanted - {"NGINX_LOCAL_RESOLVERS"} == given.keys() - for_the_image
        assert all(re.match(given["NGINX_ENVSUBST_FILTER"], one) for one in wanted)
        targets = {one["target"] for one in [*services[name]["secrets"], *services[name]["configs"]]}
        assert {value for key, value in given.items() if key.endswith(("_FILE", "CERTIFICATE", "_KEY"))} <= targets


def test_the_proxies_lead_to_what_listens(folder, services):
    env = services["proxy"]["environment"]
    for role in ("operators", "viewers"):
        host, port = env[f"NGINX_{role.upper()}_SERVER"].split(":")
        assert host == role
        assert services[host]["command"][-1] == port
    assert "--read-only" in services["viewers"]["command"]
    assert "--read-only" not in services["operators"]["command"]
    (server,) = re.findall(r"^server (\S+) ", resolved(folder)["configs"]["api_servers"]["content"])
    command = services["api"]["command"]
    assert server == f"api:{command[command.index('--port') + 1]}"
    assert f"127.0.0.1:{server.rpartition(':')[2]}/" in " ".join(services["api"]["healthcheck"]["test"])


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
