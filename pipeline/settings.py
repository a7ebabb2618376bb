"""Every setting, its default, and why the default is what it is.

The same frozen model is the TOML file, the command line's `--set`, and the parameter of the
Prefect flow (whose form shows the descriptions). Nothing here computes.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Action = Literal["drop", "mark", "off"]
Keep = Literal["source_priority", "earliest", "latest", "longest", "least_damaged", "lowest_id"]
#: Names in a list, or with commas between them.
Listed = Annotated[
    tuple[str, ...], BeforeValidator(lambda given: given.split(",") if isinstance(given, str) else given)
]
Share = Annotated[float, Field(gt=0, le=1)]


class Room(BaseModel):
    """Base of all settings: frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ReadSettings(Room):
    """Which inputs and columns are read, and how bytes become text."""

    text_column: str = Field("", description="Column with the text; empty: the first of text, content, body, article.")
    id_column: str = Field(
        "",
        description="Column with the document id; empty: `doc_id` or `id` if there is one, else ids are made from source and position.",
    )
    title_column: str = Field("", description="Column with the headline; empty: `title` or `headline` if there is one.")
    url_column: str = Field("", description="Column with the address; empty: `url` or `link` if there is one.")
    date_column: str = Field(
        "", description="Column with the date of publication; empty: the first of date, published, published_at."
    )
    on_duplicate_id: Literal["error", "suffix"] = Field(
        "error",
        description="What to do when two rows carry the same id: stop and name both, or add -2, -3 … to the later ones.",
    )
    charset: str = Field(
        "", description="Charset of inputs that carry no byte order mark; empty: UTF-8, and where that fails, detected."
    )
    min_confidence: float = Field(
        0.1,
        ge=0,
        le=1,
        description="A charset detected with less confidence counts as a guess: see low_confidence. On cuts of 100 bytes 29 % of the answers below 0.1 are wrong, 1.4 % of the others; on cuts of 1 KB 13 % and 0.9 %.",
    )
    low_confidence: Literal["decode", "quarantine"] = Field(
        "decode",
        description="What becomes of text whose charset is a guess: decoded and marked in the ledger with the confidence, or set aside.",
    )
    max_document_bytes: int = Field(
        64 * 2**20,
        ge=1024,
        description="A longer line or file is quarantined: one runaway line must not take the memory of the whole run.",
    )
    max_expansion: int = Field(
        250,
        ge=1,
        description="How many times its own size a compressed file may be when it is unpacked, once that is more than max_document_bytes; what follows is not read. Text compresses to a third or a tenth, templates repeated a thousand times to a hundredth; a bomb of gzip to a thousandth.",
    )
    max_unpacked_bytes: int = Field(
        256 * 2**30,
        ge=1024,
        description="Bytes of one compressed file that are read, whatever its size: the rest is not.",
    )
    max_columns: int = Field(
        1000,
        ge=8,
        description="Columns of all inputs together, fields within columns counted too; what would bring more goes to quarantine. Each costs memory in each batch and space in each file.",
    )
    follow_links: bool = Field(
        False,
        description="Whether a link found in a folder, or by a pattern, may lead out of it: a folder that others fill could link to any file of this machine.",
    )
    quarantine_bytes: int = Field(
        4096, ge=0, description="How many of the first bytes of an unreadable input are kept in quarantine/."
    )


class EncodingSettings(Room):
    """Repair of mojibake, entities and control characters: ftfy's own options, under ftfy's names."""

    enabled: bool = Field(True, description="Run ftfy at all.")
    unescape_html: Literal["auto"] | bool = Field(
        "auto", description="Decode HTML entities; auto: not after a `<` was seen, for then the text is markup."
    )
    remove_terminal_escapes: bool = Field(True, description="Remove ANSI colour codes.")
    fix_encoding: bool = Field(True, description="Undo mojibake (text decoded with the wrong charset).")
    restore_byte_a0: bool = Field(
        True, description="Allow a space to stand for a lost byte A0 when that makes valid UTF-8."
    )
    replace_lossy_sequences: bool = Field(
        True, description="Repair mojibake with lost bytes to U+FFFD rather than leave it."
    )
    decode_inconsistent_utf8: bool = Field(
        True, description="Repair UTF-8 sequences that stand inside otherwise sound text."
    )
    fix_c1_controls: bool = Field(True, description="Read C1 control characters as Windows-1252, as browsers do.")
    fix_latin_ligatures: bool = Field(
        True, description="Turn ligatures such as U+FB01 into letters: they come from typesetting and break search."
    )
    fix_character_width: bool = Field(
        False,
        description="Turn full-width forms into ASCII. Off (ftfy: on): Chinese and Japanese punctuation is full-width by right.",
    )
    uncurl_quotes: bool = Field(
        False, description="Turn curly quotes into straight ones. Off (ftfy: on): curly quotes are not damage."
    )
    fix_line_breaks: bool = Field(True, description="Turn CRLF, CR, U+2028, U+2029 and U+0085 into line feeds.")
    remove_control_chars: bool = Field(True, description="Remove control characters that have no place in text.")
    normalization: Literal["NFC", "NFD", "NFKC", "NFKD", "off"] = Field(
        "NFC", description="Unicode normal form; NFC keeps what the text says and makes equal things equal."
    )
    max_decode_length: int = Field(
        1_000_000, ge=1000, description="Longest piece, in characters, that ftfy looks at as a whole."
    )
    whitespace: bool = Field(
        True,
        description="Remove zero-width and soft-hyphen characters, turn odd spaces and runs of spaces into one, trim lines.",
    )


class TypographySettings(Room):
    """Repair of what translation spinners and careless scrapers do to punctuation."""

    enabled: bool = Field(True, description="Run the rules at all, on texts in the languages below.")
    languages: tuple[str, ...] = Field(
        ("en", "de", "es", "fr", "it", "nl", "pl", "pt"),
        description="Texts in other languages are left alone: what is damage in one is spelling in another.",
    )
    off: tuple[str, ...] = Field((), description="Ids of rules that are not to be used.")


class ParagraphSettings(Room):
    """How a document is cut into paragraphs."""

    split: Literal["auto", "blank_line", "line"] = Field(
        "auto", description="auto: blank-line blocks, or single lines where a document has none."
    )
    unwrap: bool = Field(
        True, description="Join lines of hard-wrapped text (most lines 60–90 characters, broken in mid-sentence)."
    )


class BoilerplateSettings(Room):
    """Removal of comment forms, credits, captions and the like."""

    enabled: bool = Field(True, description="Remove boilerplate at all.")
    rules: tuple[str, ...] = Field(
        (), description="Rule files of your own, in the format of pipeline/boilerplate/rules/*.toml."
    )
    off: tuple[str, ...] = Field((), description="Ids of rules or families that are not to be used.")
    structure: bool = Field(
        True,
        description="Remove what the place and the neighbours of a line give away: menus, what follows a comment form.",
    )
    model: bool = Field(
        True, description="Remove lines that the line model is sure of; the ledger says which of its features spoke."
    )
    learned: Literal["off", "preview", "on"] = Field(
        "on", description="Remove what recurs on a site; preview: only write what would go to learned.toml."
    )
    learned_share: Share = Field(
        0.2, description="Share of a site's documents that must hold a paragraph before it counts as the site's own."
    )
    learned_documents: int = Field(
        5,
        ge=2,
        description="Documents of a site that must hold it: three copies of an agency story are no boilerplate.",
    )
    max_document_share: Share = Field(
        0.8,
        description="A document that the uncertain rules would take more of, in characters, is left to the certain ones.",
    )
    max_site_share: Share = Field(
        0.5, description="A site that learned rules would take more of, in characters, is left alone and reported."
    )


class Containment(Room):
    """Texts that lie in a larger one: an abridged copy, a quotation in an article. Looked for after near-duplicates."""

    action: Action = Field(
        "mark",
        description="mark: only say so in the ledger (rule `contained`); drop: remove the smaller text; off, or the level's own action off: do not look. Not drop: an abridged copy may be the better text, and a quotation is no copy of the article.",
    )
    threshold: Share = Field(
        0.8,
        description="Share of the smaller text's distinct shingles that must be in the larger. A cut costs ngram - 1 shingles: sentences of 20 words taken out here and there keep 0.8.",
    )


class DocumentDedup(Room):
    """Duplicates among whole documents."""

    action: Action = Field(
        "drop",
        description="drop: remove duplicates; mark: keep them, with the copy they repeat in `duplicate_of`; off: do not look for them.",
    )
    threshold: Share = Field(
        0.8, description="Jaccard similarity of word n-gram sets from which two documents are near-duplicates."
    )
    ngram: int = Field(
        5, ge=1, le=16, description="Words in a shingle. 5 is what the field's published corpora use for documents."
    )
    containment: Containment = Containment()


class ParagraphDedup(Room):
    """Duplicates among the paragraphs of documents that stay."""

    action: Action = Field(
        "drop",
        description="drop: remove duplicates; mark: keep them, with the copy they repeat in `duplicate_of`; off: do not look for them.",
    )
    threshold: Share = Field(
        0.7,
        description="Jaccard similarity of word n-gram sets from which two paragraphs are near-duplicates. On 2,363 pairs of edited paragraphs 0.7 with 3 words finds 74 %, 0.8 finds 55 %; of 1,811 unrelated neighbours both take none.",
    )
    ngram: int = Field(
        3,
        ge=1,
        le=16,
        description="Words in a shingle. Shorter than for documents: one changed word touches n of a paragraph's few dozen shingles.",
    )
    min_words: int = Field(
        8,
        ge=1,
        description="Shorter paragraphs always stay: headings and lines like “He nodded.” recur in unrelated documents by chance.",
    )
    keep_quotes: bool = Field(
        False,
        description="Direct speech that another document has as well is marked (rule `kept_quote`), not dropped. Off: what is dropped as a duplicate is what is asked for; of 623 paragraphs that go from 458,363 of books and news because another text has them, 22 are speech, 21 of these quotations that both texts make.",
    )
    min_remaining_share: float = Field(
        0.0,
        ge=0,
        le=1,
        description="A document that keeps less than this share of its characters goes as a whole (too_little_left), unless others repeat it. 0: none goes; `remaining_share` tells.",
    )
    containment: Containment = Containment()


class DedupSettings(Room):
    """Exact and near-duplicates; every removal is verified against the copy that is kept."""

    documents: DocumentDedup = DocumentDedup()
    paragraphs: ParagraphDedup = ParagraphDedup()
    num_perm: int = Field(128, ge=16, le=1024, description="Permutations in a MinHash signature.")
    seed: int = Field(1, ge=0, le=2**32 - 1, description="Seed of the permutations, datasketch's default.")
    recall: Annotated[float, Field(gt=0, lt=1)] = Field(
        0.99, description="Wanted probability that a pair exactly at the threshold is found; decides bands and rows."
    )
    keep: tuple[Keep, ...] = Field(
        ("source_priority", "earliest", "longest", "lowest_id"),
        description="Which copy stays: the first criterion that tells two copies apart decides.",
    )
    source_priority: tuple[str, ...] = Field(
        (), description="Glob patterns of sources, best first, for `source_priority`."
    )
    memory: str | int = Field(
        "",
        description="Memory for finding duplicates, such as 2GB; what does not fit goes to disk. Empty: a quarter of the machine's. Nothing here changes the result.",
    )
    max_representatives: int = Field(
        2000,
        ge=1,
        description="Most representatives that one item is compared with in one bucket; when the cap is met the run says so.",
    )


class WriteSettings(Room):
    """The Parquet that leaves the house."""

    compression_level: int = Field(
        1,
        ge=1,
        le=19,
        description="zstd level. 1 is PyArrow’s own default; 3 takes 1.7 times as long to compress, for files that are 12 % smaller, 9 seven times, for 20 %.",
    )
    row_group_rows: int = Field(50_000, ge=1, description="Rows a row group: readers skip and parallelise by it.")
    signatures: bool = Field(
        False,
        description="Also write the MinHash signatures of what is kept to signatures/: 386 bytes a text of 128 permutations, wanted only by those who build an index of their own.",
    )
    partition_by: Listed = Field(
        (),
        description="Folders of documents/ by the values of columns, such as site or published:month (also :year, :day), site=x/published_month=2024-01/. Each level must be coarse: many small files are slow everywhere.",
    )
    sort_by: Listed = Field(
        (),
        description="Columns that the documents are sorted by, in each folder: statistics then let readers pass over most row groups.",
    )
    file_size: str | int = Field(
        "",
        description="Size that files get, about, such as 256MB: neighbours are joined, sorted or partitioned rows cut. Empty: a file a shard, 128 MiB for rows that are sorted or partitioned.",
    )
    format: Literal["parquet", "delta"] = Field(
        "parquet", description="delta: documents/ is a Delta table as well, one of its own in each version."
    )
    keep_versions: int = Field(
        2, ge=1, description="Versions of a dataset that stay, with the new one; from 2 on `rollback` has one to go to."
    )


class AlarmSettings(Room):
    """What a run may remove; one that removes more stops before anything is published."""

    max_documents: Share = Field(
        0.8, description="Share of the documents of a source, site or language that one stage may remove."
    )
    max_paragraphs: Share = Field(
        0.8,
        description="Share of the paragraphs of a source, site or language that one stage may remove by themselves.",
    )
    max_drift: Share = Field(
        0.3, description="Most that such a share may differ from what the version of OUT that is replaced says."
    )
    max_cluster_share: Share = Field(
        0.5, description="Share of all documents that may be copies of one: more is a template, or a fault."
    )
    min_documents: int = Field(
        100, ge=1, description="Groups of fewer documents are not judged: small numbers swing widely."
    )
    accept: bool = Field(False, description="Publish all the same; the manifest tells what was over the limits.")


class IngestSettings(Room):
    """What becomes of a dataset when more comes in."""

    late_better: Literal["keep_old", "replace"] = Field(
        "keep_old",
        description="When a copy that dedup.keep prefers comes late: the old one stays and no row changes, or the new one takes its place.",
    )
    prune: bool = Field(
        False, description="Inputs that were ingested before and are not named now are gone: their documents retire."
    )


class RunSettings(Room):
    """How the work is spread, over this machine or others. Nothing here changes the result."""

    executor: str = Field(
        "",
        description="Where shards are worked on: processes or threads of this machine, dask, or an executor that a package brings. Empty: dask where run.dask is given, else processes.",
    )
    dask: str = Field("", description="Address of a Dask scheduler, such as tcp://HOST:8786.")
    workers: int = Field(0, ge=0, description="Processes or threads of this machine; 0: one a core.")
    work: str = Field(
        "",
        description="Folder in which tables between steps lie, each OUT's in one of its own. On Dask all workers see it under one path. Empty: beside OUT; the current folder where OUT is in an object store.",
    )
    shard_bytes: int = Field(16 * 2**20, ge=1, description="Text a shard, in bytes: bounds the memory of a worker.")
    keep_work: bool = Field(False, description="Keep the work directory after a successful run.")


class Settings(Room):
    """All settings of a run."""

    read: ReadSettings = ReadSettings()
    encoding: EncodingSettings = EncodingSettings()
    typography: TypographySettings = TypographySettings()
    paragraphs: ParagraphSettings = ParagraphSettings()
    boilerplate: BoilerplateSettings = BoilerplateSettings()
    dedup: DedupSettings = DedupSettings()
    write: WriteSettings = WriteSettings()
    alarms: AlarmSettings = AlarmSettings()
    ingest: IngestSettings = IngestSettings()
    run: RunSettings = RunSettings()
