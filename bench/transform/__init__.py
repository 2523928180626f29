"""The whole transform against pandas, awswrangler and a pass that only reads."""
