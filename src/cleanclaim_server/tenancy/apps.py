from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class TenancyConfig(AppConfig):
    name = "cleanclaim_server.tenancy"
    label = "tenancy"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import cleanclaim_server.tenancy.lookups  # noqa: F401 - registers `among`

        read_loaded_tables()
        pre_migrate.connect(lift_guards, sender=self, dispatch_uid="cleanclaim_guards_lift")
        # Once per migrate, after all tables are there (the signal of every app comes at the end).
        post_migrate.connect(install_guards, sender=self, dispatch_uid="cleanclaim_guards")


def read_loaded_tables() -> None:
    """Read the code sets that this installation loaded before those of the package; ours is the first app."""
    from django.conf import settings

    from cleanclaim_data.loader import use_overlay

    folder = settings.DATA_DIR / "loaded"
    use_overlay(folder if folder.is_dir() else None)


def lift_guards(sender, using: str, **kwargs) -> None:
    """Take SQLite's triggers away while tables are remade: one that names a table in the making fails."""
    from django.db import connections

    from cleanclaim_server.tenancy.guards import uninstall

    if connections[using].vendor == "sqlite":
        uninstall(connections[using])


def install_guards(sender, using: str, **kwargs) -> None:
    """Reinstall the guards: Django remakes tables on SQLite, and triggers die with the old ones."""
    from django.db import connections

    from cleanclaim_server.tenancy.guards import install

    install(connections[using])
