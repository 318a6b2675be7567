# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Descriptions of REST APIs: read, checked, and applied to answers. PRIVATE to the collection.

Nothing here talks HTTP. ``form`` and ``shape`` say what a description may hold, ``model`` makes typed objects of one,
``reading`` reads an answer by it, ``samples`` plays its samples, ``shipped`` finds those that come with the collection.
"""
