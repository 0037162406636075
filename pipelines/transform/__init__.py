"""Transform: the dbt project as Dagster assets, in one dbt call per run."""
