"""Helpers behind the book *Learned or Pretrained? Word embeddings, side by side*.

The modules form one street, and each imports only from those before it:
`threads`, `whole_files`, `text`, `datasets`, `vectors`, `glove`, `models`, `evaluation`, `experiments`, `plots`,
`claims`, `comparison`, `site`, `cli`.
"""

__version__ = "0.1.0"
