# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings of Sphinx. Nothing is fetched: the site is built, and every reference checked, without a network."""

from __future__ import annotations

from typing import Any

from docutils import nodes

project = "taskwatch.infra"
copyright = "taskwatch maintainers"  # noqa: A001
title = "taskwatch.infra"
html_title = html_short_title = title

extensions = ["sphinx_antsibull_ext"]
nitpicky = True
default_role = "any"
highlight_language = "YAML+Jinja"
pygments_style = "ansible"

html_theme = "sphinx_ansible_theme"
html_theme_options = {
    "collapse_navigation": False,
    "documentation_home_url": "https://docs.ansible.com/",
    "show_extranav": False,
    "topbar_links": {
        "Source": "https://github.com/taskwatch/infra",
        "Issues": "https://github.com/taskwatch/infra/issues",
    },
}
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


def setup(app: Any) -> None:
    """Hand the settings to Sphinx that are functions."""
    app.connect("missing-reference", elsewhere)
