# 高原先锋课堂. `make` or `make help` lists what can be done.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PY := .venv/bin/python
PORT ?= 8000
HTTPS ?= 0
SEARCH_PORT ?= 9200
export PORT HTTPS LOCK SEARCH_PORT

.PHONY: help
help: ## 列出所有命令 / list the commands
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "  PORT=8000  HTTPS=1  STATE_DIR=var  DEMO=0     e.g. make run PORT=8080 HTTPS=1"

.PHONY: run
run: ## 安装并启动（Ctrl-C 停止） / install and start (Ctrl-C stops it)
	@scripts/install.sh run
	@exec $(PY) scripts/run.py

.PHONY: test
test: ## 全部测试，含真实浏览器 / every test, the real browser included
	@scripts/install.sh test
	@exec $(PY) scripts/test.py

.PHONY: check
check: ## 代码检查：格式、类型、层次、迁移 / lint, types, layers, missing migrations
	@scripts/install.sh test
	@exec $(PY) scripts/check.py

.PHONY: pictures
pictures: ## 给每个页面截图 / a picture of every page (tests/acceptance/screenshots)
	@scripts/install.sh test
	@exec $(PY) -m pytest -q tests/acceptance/pictures.py

.PHONY: search-node
search-node: ## 启动真实的 Elasticsearch（Ctrl-C 停止） / run a real Elasticsearch (Ctrl-C stops it)
	@scripts/install.sh search
	@exec scripts/search_node.sh

.PHONY: bench
bench: ## 测量：和规定的界限比 / measure, as ratios to the stated limits
	@scripts/install.sh test
	@exec $(PY) -m benchmarks $(ONLY)

.PHONY: bench-media
bench-media: ## 测量媒体处理的十个目标 / measure the media pipeline's ten targets (CLIPS= SECONDS=60 LONG=600 ONLY=)
	@scripts/install.sh test
	@exec env CLIPS="$(CLIPS)" SECONDS="$(SECONDS)" LONG="$(LONG)" ONLY="$(ONLY)" $(PY) -m benchmarks.media

.PHONY: bench-search
bench-search: ## 测量搜索的十个目标 / measure the search's ten targets (SETS= DOCUMENTS=100000 ONLY=)
	@scripts/install.sh test
	@exec env SETS="$(SETS)" DOCUMENTS="$(DOCUMENTS)" ONLY="$(ONLY)" $(PY) -m benchmarks.search

.PHONY: soak
soak: ## 长时间负载，看内存和句柄是否增长 / long load; does memory or do handles grow?
	@scripts/install.sh test
	@exec $(PY) -m benchmarks.soak

.PHONY: reset
reset: ## 删除全部数据（STATE_DIR） / delete all data
	@exec bash scripts/reset.sh

.PHONY: lock
lock: ## 重新锁定依赖版本 / compile the requirements anew
	@scripts/install.sh test
	@bash scripts/lock.sh
