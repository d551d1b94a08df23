"""Look at the screens without a database: render every template with the made-up view models of the tests.

    python tools/preview_templates.py                       serve them on 127.0.0.1:8123, one address a screen
    python tools/preview_templates.py --shots OUT           take pictures (light, dark, phone) into OUT
    python tools/preview_templates.py --shots OUT today claim   only these screens

The server sends the product's own content security policy; what the browser refuses or fails at is printed.
"""

from __future__ import annotations

import argparse
import sys
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

import django  # noqa: E402
from django.conf import settings  # noqa: E402

WEB = ROOT / "src" / "cleanclaim_server" / "web"
settings.configure(
    SECRET_KEY="preview",
    USE_TZ=True,
    USE_I18N=False,
    TIME_ZONE="UTC",
    STATIC_URL="/static/",
    INSTALLED_APPS=["django.contrib.staticfiles", "cleanclaim_server.web"],
    ROOT_URLCONF="django.contrib.staticfiles.urls",
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "DIRS": [WEB / "templates"],
            "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
        }
    ],
)
django.setup()

from django.template.loader import render_to_string  # noqa: E402
from django.test import RequestFactory  # noqa: E402
from tests.server.web import view_models  # noqa: E402

from cleanclaim_server.config.middleware import CONTENT_SECURITY_POLICY  # noqa: E402

SIZES = {"light": (1440, 900), "dark": (1440, 900), "phone": (390, 844)}


def render(name: str) -> str:
    """One screen as HTML."""
    if name in view_models.BARE:
        template, context = view_models.BARE[name]
        return render_to_string(template, context)
    template, path, context = view_models.SCREENS[name]
    return render_to_string(template, {**view_models.SHELL, **context}, request=RequestFactory().get(path))


class Handler(SimpleHTTPRequestHandler):
    """Serves /<screen> and /static/."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, directory=str(WEB), **kwargs)

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        super().end_headers()

    def do_GET(self) -> None:
        name = self.path.split("?")[0].strip("/")
        if name == "search":
            body = render_to_string("components/search_results.html", view_models.SEARCH)
        elif name in view_models.SCREENS or name in view_models.BARE:
            body = render(name)
        elif name == "":
            body = "".join(
                f'<p><a href="/{one}">{one}</a></p>' for one in [*view_models.SCREENS, *view_models.BARE]
            )
        else:
            super().do_GET()
            return
        data = body.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_args) -> None:
        """Quiet."""


def shoot(address: str, names: list[str], out: Path, kinds: list[str]) -> int:
    """Take the pictures; returns how many complaints the browser had."""
    from playwright.sync_api import sync_playwright

    out.mkdir(parents=True, exist_ok=True)
    complaints = 0
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        for kind in kinds:
            width, height = SIZES[kind]
            context = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme="dark" if kind == "dark" else "light",
                reduced_motion="reduce",
            )
            for name in names:
                page = context.new_page()
                said: list[str] = []
                page.on(
                    "console",
                    lambda message, said=said: said.append(message.text) if message.type == "error" else None,
                )
                page.on("pageerror", lambda error, said=said: said.append(str(error)))
                page.goto(f"{address}/{name}", wait_until="networkidle")
                wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
                if wide > 0:
                    said.append(f"{wide} px wider than the window")
                tall = page.evaluate("document.documentElement.scrollHeight")
                page.set_viewport_size(
                    {"width": width, "height": max(height, min(tall, 4000))}
                )  # sticky parts at their place
                page.wait_for_timeout(150)
                page.screenshot(path=out / f"{name}-{kind}.png", full_page=True)
                for text in said:
                    print(f"{name} {kind}: {text}")
                complaints += len(said)
                page.close()
            context.close()
        browser.close()
    return complaints


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", help="screens; all when none is named")
    parser.add_argument("--shots", type=Path, help="folder for pictures")
    parser.add_argument("--kinds", default="light,dark,phone", help="which of light, dark, phone")
    parser.add_argument("--port", type=int, default=8123)
    args = parser.parse_args()
    server = ThreadingHTTPServer(("127.0.0.1", 0 if args.shots else args.port), Handler)
    address = f"http://127.0.0.1:{server.server_address[1]}"
    if not args.shots:
        print(address)
        server.serve_forever()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    names = args.names or [*view_models.SCREENS, *view_models.BARE]
    sys.exit(1 if shoot(address, names, args.shots, args.kinds.split(",")) else 0)


if __name__ == "__main__":
    main()
