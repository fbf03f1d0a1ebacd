"""What the tasks of a scheduler call: JSON in, JSON out, here or by another interpreter. Imports no Airflow."""
