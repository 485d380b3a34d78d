"""The demo's content as data: TOML files, read into typed values by `demo.library`."""
