/**
 * Splits `backups.bucket.path` into bucket and folder; the folder may be empty.
 * @param path such as `s3://bucket/folder`
 */
export function bucketPath(path: string): { readonly bucket: string; readonly folder: string } {
  const [bucket = "", ...folders] = path.replace(/^s3:\/\//, "").split("/");
  return { bucket, folder: folders.filter((part) => part !== "").join("/") };
}
