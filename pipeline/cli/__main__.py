"""`python -m pipeline.cli`, which is `corpusmill`."""

from pipeline.cli.main import run

if __name__ == "__main__":
    run()
