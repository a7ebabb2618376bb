"""`python -m pipeline.cli`, which is `corpusmill`."""

from pipeline.cli.main import main

if __name__ == "__main__":
    main(prog_name="corpusmill")
