"""The ten targets of search.md §3, measured on both engines in one run.

    make bench-search SETS=folder DOCUMENTS=100000 ONLY=relevance,speed

`SETS` is a folder with `documents.jsonl` and `questions.jsonl` (`sets` makes them of published question sets); without
it `corpus` makes up both. `corpus` holds what is searched, `engines` the two engines, and each `part_*` measures some
of the targets: `leaks` 8, `hostile` 9, `lines` 10, `publishing` 6, `kill` 7, `relevance` 1 and 3, `speed` 2, 4 and 5.
"""
