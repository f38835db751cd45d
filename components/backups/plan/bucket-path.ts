/**
 * The first part of `backups.bucket.path`, and the folder that follows it; empty where the path is a bucket alone.
 * @param path such as `s3://bucket/folder`
 */
export function bucketPath(path: string): { readonly bucket: string; readonly folder: string } {
  const [bucket = "", ...folders] = path.replace(/^s3:\/\//, "").split("/");
  return { bucket, folder: folders.filter((part) => part !== "").join("/") };
}
