//! What a run means to do and has done: records, the law that they obey, the file that they live in.
