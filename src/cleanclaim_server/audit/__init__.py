"""Who saw and did what: written with the event, chained, verified offline."""


def __getattr__(name: str):
    # `from cleanclaim_server.audit import record` without loading models before the apps are ready.
    if name in {"record", "record_many", "AuditEvent", "AuditError"}:
        from cleanclaim_server.audit import recording

        return getattr(recording, name)
    raise AttributeError(name)
