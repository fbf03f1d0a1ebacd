"""The only package that may import Airflow."""
