"""deploy/helm/values.yaml: only keys that Dagster's chart knows, and the same instance as dagster.yaml.

No Helm is had from a package registry, so no chart is rendered here. `KNOWN` says, in our words, which keys the chart
takes in those sections where it refuses any other (its values.schema.json, version 1.13); sections that take anything
are not listed.
"""

from __future__ import annotations

import re
from importlib.metadata import version
from typing import Any

import yaml

from mids_assets_tests.real import PROJECT

VALUES = PROJECT / "deploy" / "helm" / "values.yaml"

_POD = "annotations labels nodeSelector affinity tolerations podSecurityContext securityContext resources schedulerName"
_PROBES = "livenessProbe readinessProbe startupProbe"
_INPUTS = "env envConfigMaps envSecrets volumes volumeMounts"
KNOWN = {
    "": "global nameOverride fullnameOverride rbacEnabled imagePullSecrets dagsterWebserver dagster-user-deployments"
    " postgresql generatePostgresqlPasswordSecret generateCeleryConfigSecret rabbitmq redis flower ingress"
    " computeLogManager scheduler runLauncher pythonLogs dagsterDaemon busybox migrate telemetry serviceAccount"
    " retention concurrency additionalInstanceConfig extraManifests",
    "global": "postgresqlSecretName dagsterHome serviceAccountName celeryConfigSecretName dagsterInstanceConfigMap",
    "postgresql": "enabled image postgresqlHost postgresqlUsername postgresqlPassword postgresqlDatabase"
    " postgresqlParams postgresqlScheme service",
    "dagster-user-deployments": "enabled enableSubchart imagePullSecrets deployments",
    "dagster-user-deployments.deployments": f"name image port {_INPUTS} {_POD} {_PROBES}"
    " dagsterApiGrpcArgs codeServerArgs includeConfigInLaunchedRuns service replicaCount",
    "dagsterWebserver": f"replicaCount image nameOverride pathPrefix service workspace {_INPUTS} {_POD} {_PROBES}"
    " deploymentLabels enableReadOnly dbStatementTimeout dbPoolRecycle logLevel",
    "dagsterDaemon": f"enabled image runCoordinator heartbeatTolerance {_INPUTS} {_POD} {_PROBES} deploymentLabels"
    " runMonitoring runRetries sensors schedules backfills",
    "dagsterDaemon.runCoordinator": "enabled type config",
    "dagsterDaemon.runRetries": "enabled maxRetries retryOnAssetOrOpFailure",
    "runLauncher": "type config",
    "runLauncher.config": "k8sRunLauncher celeryK8sRunLauncher customRunLauncher",
    "runLauncher.config.k8sRunLauncher": "image imagePullPolicy jobNamespace loadInclusterConfig kubeconfigFile"
    " envConfigMaps envSecrets envVars volumes volumeMounts labels failPodOnRunFailure resources schedulerName"
    " securityContext runK8sConfig",
    "runLauncher.config.k8sRunLauncher.runK8sConfig": "containerConfig podSpecConfig podTemplateSpecMetadata"
    " jobSpecConfig jobMetadata",
    "ingress": "enabled apiVersion annotations labels ingressClassName"
    " dagsterWebserver readOnlyDagsterWebserver flower",
    "ingress.dagsterWebserver": "path pathType host tls precedingPaths succeedingPaths",
    "ingress.readOnlyDagsterWebserver": "path pathType host tls precedingPaths succeedingPaths",
    "telemetry": "enabled",
}


def values() -> dict[str, Any]:
    return yaml.safe_load(VALUES.read_text())


def test_the_chart_knows_every_key():
    unknown = {
        f"{place}.{key}"
        for place, known in KNOWN.items()
        for section in _at(values(), place)
        for key in section.keys() - set(known.split())
    }
    assert unknown == set()


def test_the_chart_is_that_of_the_dagster_that_is_locked():
    named = re.search(r"dagster/dagster (\d+\.\d+\.\d+)", VALUES.read_text())
    assert named is not None
    assert named[1] == version("dagster")


def test_the_instance_is_that_of_dagster_yaml():
    ours = yaml.safe_load((PROJECT / "dagster_home" / "dagster.yaml").read_text())
    daemon = values()["dagsterDaemon"]
    assert _snake(daemon["runMonitoring"]) == ours["run_monitoring"]
    assert _snake(daemon["runRetries"]) == ours["run_retries"]
    assert daemon["runCoordinator"]["type"] == "CustomRunCoordinator"
    coordinator = daemon["runCoordinator"]["config"]["customRunCoordinator"]
    assert {name: coordinator[name] for name in ("module", "class")} == ours["run_coordinator"]
    retained = values()["retention"]
    for kind in ("schedule", "sensor"):
        assert retained[kind]["purgeAfterDays"] == ours["retention"][kind]["purge_after_days"]
    assert values()["telemetry"] == ours["telemetry"]
    assert values()["additionalInstanceConfig"] == {name: ours[name] for name in ("freshness", "nux")}


def test_one_image_and_one_place_of_secrets():
    (code,) = values()["dagster-user-deployments"]["deployments"]
    assert code["includeConfigInLaunchedRuns"] == {"enabled": True}
    for part in (values()["dagsterWebserver"], values()["dagsterDaemon"]):
        assert (part["image"], part["envSecrets"]) == (code["image"], code["envSecrets"])
    # Pods share no disk, and no password stands in the file.
    assert {"MIDS_STORAGE", "MIDS_BACKUP_URL"} <= {one["name"] for one in code["env"]}
    assert not re.search(r"postgresqlPassword:|://[^/\s]*:[^/\s]*@", VALUES.read_text())


def test_the_web_server_is_asked_where_it_listens():
    web = values()["dagsterWebserver"]
    assert web["readinessProbe"]["httpGet"]["port"] == web["service"]["port"] > 1024
    assert web["enableReadOnly"] is True


def _at(tree: Any, place: str) -> list[dict[str, Any]]:
    for name in place.split(".") if place else ():
        tree = tree[name]
    return tree if isinstance(tree, list) else [tree]


def _snake(section: dict[str, Any]) -> dict[str, Any]:
    """Keys as dagster.yaml has them: `startTimeoutSeconds` is `start_timeout_seconds`."""
    return {re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", key): value for key, value in section.items()}
