"""Public pages for people without a session, kept rendered and compressed until the content changes.

`rules` decides (pure), `store` holds, `generation` says whether the content has changed, `middleware` is the ASGI
layer in front of Django, `receivers` notice changes. docs/adr/0002-asgi.md gives the reasons.
"""
