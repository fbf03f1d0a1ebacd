#!/bin/sh
# Run once, by Postgres' image, when its volume is new: a database and a role for each, neither sees the other's.
set -eu
for name in airflow docstrata; do
    if [ "$name" = airflow ]; then password=$AIRFLOW_DB_PASSWORD; else password=$DOCSTRATA_DB_PASSWORD; fi
    psql --username postgres --set ON_ERROR_STOP=1 --set "name=$name" --set "password=$password" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
REVOKE CONNECT ON DATABASE :"name" FROM PUBLIC;
SQL
done
