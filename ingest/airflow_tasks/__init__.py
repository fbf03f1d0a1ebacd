"""The only package that may import Airflow: the tasks that the DAGs are made of, and the drop folder's trigger."""
