#!/bin/sh
# Is the process that this container was started for alive? Exit code 0 or 1; a sentence when it is not.
#
#     healthcheck [COMMAND]      COMMAND: what the container runs; left out: what the entrypoint noted
set -u
command=${1:-$(cat "${TMPDIR:-/tmp}/docstrata-command" 2>/dev/null || true)}

answers() {
    python -c 'import sys, urllib.request
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
sys.exit(opener.open(sys.argv[1], timeout=10).status != 200)' "$1" 2>&1 | tail -n 1 | grep . >&2 && return 1
    return 0
}

case $command in
    *api-server*) answers "http://127.0.0.1:${AIRFLOW__API__PORT:-8080}/api/v2/version" ;;
    # This machine's own: another that is alive says nothing of this one.
    *dag-processor*) exec airflow jobs check --job-type DagProcessorJob --local ;;
    *scheduler*) exec airflow jobs check --job-type SchedulerJob --local ;;
    *triggerer*) exec airflow jobs check --job-type TriggererJob --local ;;
    *"celery worker"*)
        exec celery --app airflow.providers.celery.executors.celery_executor.app \
            inspect ping --destination "${WORKER_NAME:-celery@$(hostname)}" --timeout 10
        ;;
    *"docstrata metrics"*) answers "http://127.0.0.1:${METRICS_PORT:-9464}/healthz" ;;
    '') echo "it is not known what this container is for: it was not started by its entrypoint" >&2; exit 1 ;;
    # Something that ends by itself.
    *) exit 0 ;;
esac
