"""What people see: pictures, the report, and the command line."""
