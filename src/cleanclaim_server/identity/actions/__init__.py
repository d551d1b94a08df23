"""What people can do here: sign in, and manage users. Each action checks, executes and records."""
