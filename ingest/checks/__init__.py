"""What a report checks against something independent of the thing checked."""
