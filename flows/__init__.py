"""Prefect flows: the only place that knows an orchestrator."""
