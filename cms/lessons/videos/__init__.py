"""视频处理: what the admin shows of every recording on its way from an upload to its renditions."""
