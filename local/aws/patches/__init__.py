"""One module per gap of ministack. Each stands alone: it names what it touches, and falls away when the gap does."""
