"""Buttons that lead to the repository and to Binder: present when its address is known, absent otherwise."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config

__all__ = ["ADDRESS_VARIABLE", "connect", "repository_address", "site_address"]

ADDRESS_VARIABLE = "EMBEDBOOK_REPOSITORY"
# The forms in which git writes an address on GitHub: https, ssh, and the short scp form.
_GITHUB = re.compile(r"^(?:https://|ssh://git@|git@)github\.com[/:](?P<owner>[\w.-]+)/(?P<name>[\w.-]+?)(?:\.git)?/?$")


def repository_address(book: Path) -> str | None:
    """Find the repository's address on GitHub.

    Parameters
    ----------
    book : pathlib.Path
        The book's folder.

    Returns
    -------
    str or None
        `https://github.com/OWNER/NAME` from the environment variable `EMBEDBOOK_REPOSITORY` or git's remote `origin`;
        None where neither names one.

    Raises
    ------
    ValueError
        If the environment variable holds something else.
    """
    given = os.environ.get(ADDRESS_VARIABLE, "").strip()
    address = given or _origin(book)
    match = _GITHUB.match(address)
    if match:
        return f"https://github.com/{match['owner']}/{match['name']}"
    if given:
        raise ValueError(f"{ADDRESS_VARIABLE}={given!r} is no address on GitHub; use https://github.com/OWNER/NAME")
    return None


def _origin(book: Path) -> str:
    try:
        found = subprocess.run(
            ["git", "remote", "get-url", "origin"], cwd=book, capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return found.stdout.strip() if found.returncode == 0 else ""


def site_address(repository: str | None) -> str:
    """Give the address under which GitHub Pages publishes the site.

    Parameters
    ----------
    repository : str or None
        The repository's address, from :func:`repository_address`.

    Returns
    -------
    str
        `https://OWNER.github.io/NAME/`, or an empty string where the repository is not known.
    """
    if repository is None:
        return ""
    owner, name = repository.removeprefix("https://github.com/").split("/")
    return f"https://{owner.lower()}.github.io/{name}/"


def _configure(app: Sphinx, config: Config) -> None:
    repository = repository_address(Path(app.srcdir))
    options = dict(config["html_theme_options"])
    if repository is not None:
        options |= {
            "repository_url": repository,
            "repository_branch": "main",
            "use_repository_button": True,
            "use_source_button": True,
            "launch_buttons": {"binderhub_url": "https://mybinder.org", "notebook_interface": "jupyterlab"},
        }
    config["html_theme_options"] = options
    config["html_baseurl"] = config["ogp_site_url"] = site_address(repository)


def connect(app: Sphinx) -> None:
    """Tell the theme the repository's address before it reads its options.

    Parameters
    ----------
    app : sphinx.application.Sphinx
        The running build.
    """
    app.connect("config-inited", _configure, priority=100)
