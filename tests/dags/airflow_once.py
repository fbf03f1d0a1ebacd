"""Airflow's command line, with the in-process API server of `dags test` made once and not for every task:
a second less each. Everything else is as a user has it. `then` between two commands does both."""

from __future__ import annotations

import functools
import sys
from itertools import groupby

from airflow.__main__ import main
from airflow.sdk.execution_time import supervisor

if __name__ == "__main__":
    supervisor.in_process_api_server = functools.cache(supervisor.in_process_api_server)
    commands = [list(words) for is_end, words in groupby(sys.argv[1:], lambda word: word == "then") if not is_end]
    for command in commands:
        sys.argv = ["airflow", *command]
        main()
