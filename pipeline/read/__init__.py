"""Read: files, folders and globs become bounded batches of documents, or rows of quarantine."""
