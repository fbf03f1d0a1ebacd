"""Files that hold other files: archives, mailboxes, and mail with its attachments."""
