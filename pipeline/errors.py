"""Every error that Corpusmill raises on purpose.

CorpusmillError                 one sentence: what, where, what to do
├── SettingsError               a settings file, flag or --set that cannot be taken
├── InputError                  an input that cannot be read; the run goes on without it
├── RunError                    nothing could be done, or nothing may be published
│   ├── DuplicateIdError        two rows carry the same given id
│   ├── ProvenanceError         signatures or an index that were made in another way
│   ├── LossAlarmError          more was removed than the limits allow
│   └── OutputError             OUT is taken, or cannot be written
└── ReconcileError              rows in != kept + removed + quarantined: a bug of ours
"""


class CorpusmillError(Exception):
    """Base of all errors below; its text is one sentence fit for a terminal."""


class SettingsError(CorpusmillError):
    """A settings file, flag or --set that cannot be taken."""


class InputError(CorpusmillError):
    """An input that cannot be read. It goes to quarantine; the run goes on."""


class RunError(CorpusmillError):
    """Nothing could be done, or nothing may be published."""


class DuplicateIdError(RunError):
    """Two rows carry the same given id."""


class ProvenanceError(RunError):
    """Signatures or an index that were made in another way than this run would make them."""


class LossAlarmError(RunError):
    """More was removed than the limits allow; a table of what follows the sentence."""


class OutputError(RunError):
    """OUT holds something else, or cannot be written."""


class ReconcileError(CorpusmillError):
    """Rows in are not kept + removed + quarantined: a bug of ours, nothing is published."""
