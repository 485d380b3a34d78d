"""The ten targets of the media pipeline, measured in one run beside what peers make of the same films.

`make bench-media` makes three lectures out of nothing, adds the films of a folder, and prints what was measured:

    make bench-media CLIPS=~/films SECONDS=60 LONG=600 ONLY=films,long,kills,hostile,jobs

`films` holds what is measured, `peers` how others encode by default, `ours` the pipeline, `coding` ffmpeg runs and
VMAF, `curves` the arithmetic, and each `part_*` measures some of the targets.
"""
