"""Training of Tickpath's reference model: features in (Parquet), int8 QDQ ONNX model and manifest out."""
