"""ECG in, prediction and evidence out."""
