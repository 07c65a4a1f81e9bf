"""Figures: functions from data to plotly figures, without a server."""
