"""Every file layout, declared as data: one module per file. No code that reads or writes."""
