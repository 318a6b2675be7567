# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings of Sphinx. Nothing is fetched: the site is built, and every reference checked, without a network."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes

project = "taskwatch.infra"
copyright = "taskwatch maintainers"  # noqa: A001
title = "taskwatch.infra"
html_title = html_short_title = title

extensions = ["sphinx_antsibull_ext", "sphinx_copybutton"]
nitpicky = True
default_role = "any"
highlight_language = "YAML+Jinja"
pygments_style = "ansible"
pygments_dark_style = "monokai"
# What is copied from a terminal is the command, without its prompt
copybutton_prompt_text = "$ "
copybutton_selector = "div:not(.highlight-text) > div.highlight > pre"

html_theme = "furo"
html_theme_options = {"navigation_with_keys": True}
# Both colour schemes are in site.css, because the reader chooses between them
antsibull_ext_color_scheme = "none"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sphinx = False
html_use_index = False
html_copy_source = False

ANSIBLE = "https://docs.ansible.com/ansible/latest"
# Labels of Ansible's own documentation to which antsibull-docs refers, and where they stand there
ANSIBLE_PAGES = {
    "action_plugins": "plugins/action.html",
    "ansible_configuration_settings": "reference_appendices/config.html",
    "common_return_values": "reference_appendices/common_return_values.html",
}
BUILTIN = "ansible_collections.ansible.builtin."


def elsewhere(_app: Any, _env: Any, node: Any, shown: nodes.Element) -> nodes.reference | None:
    """Lead a reference to Ansible's own documentation there; any other one that leads nowhere stays an error."""
    target = node.get("reftarget", "")
    page = ANSIBLE_PAGES.get(target)
    if target.startswith(BUILTIN):
        page = f"collections/ansible/builtin/{target.removeprefix(BUILTIN)}.html"
    return nodes.reference("", "", shown, refuri=f"{ANSIBLE}/{page}") if page else None


def breakable(_app: Any, _page: str, _template: str, context: dict[str, Any], _doctree: Any) -> None:
    """Let the name of a module in a title break at its dots and underscores, so that a phone shows all of it."""
    body = context.get("body", "")
    context["body"] = re.sub(
        r"(?<=<h1>)taskwatch\.[\w.]+", lambda name: re.sub(r"([._])", r"\1<wbr>", name[0]), body, count=1
    )


def setup(app: Any) -> None:
    """Hand the settings to Sphinx that are functions."""
    app.connect("missing-reference", elsewhere)
    app.connect("html-page-context", breakable)
