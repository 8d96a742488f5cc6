using System.Diagnostics;
using System.Text;
using CiliumLab.Model;

namespace CiliumLab.Engine.Labs;

/// <summary>Files that only their owner may read: 0600 in folders of 0700. On Windows the user's data folder already is.</summary>
internal static class PrivateFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnersFolder = OwnerOnly | UnixFileMode.UserExecute;

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(10);

    /// <summary>Replaces a file, whole or not at all, makes its folder when there is none, and closes the folder to others.</summary>
    /// <exception cref="LabException"><c>LabFileNotWritten</c>.</exception>
    public static void Write(string path, string text) => Write(path, Encoding.UTF8.GetBytes(text));

    /// <summary>Replaces a file, whole or not at all, makes its folder when there is none, and closes the folder to others.</summary>
    /// <exception cref="LabException"><c>LabFileNotWritten</c>.</exception>
    public static void Write(string path, byte[] content) => Writing(path, () => Replace(path, content));

    /// <summary>Replaces a file with what a function makes of its text, so that no change of another process is lost.</summary>
    /// <param name="path">The file; its text is empty when there is none.</param>
    /// <param name="change">Makes the new text of the old; null to leave the file as it is.</param>
    /// <exception cref="LabException"><c>LabFileNotWritten</c>.</exception>
    public static void Change(string path, Func<string, string?> change) =>
        Writing(path, () =>
        {
            MakeFolder(Path.GetDirectoryName(path)!);
            using var held = Hold(path + ".lock");
            if (change(File.Exists(path) ? File.ReadAllText(path) : "") is { } text)
                Replace(path, Encoding.UTF8.GetBytes(text));
        });

    private static void Replace(string path, byte[] content)
    {
        MakeFolder(Path.GetDirectoryName(path)!);
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var file = new FileStream(temporary, Private(FileMode.CreateNew, FileAccess.Write)))
                file.Write(content);
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    // A lock that its holder's end frees, whatever that end is. The file stays: deleting it would free it for two at once.
    private static FileStream Hold(string path)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return new FileStream(path, Private(FileMode.OpenOrCreate, FileAccess.ReadWrite));
            }
            catch (IOException) when (File.Exists(path) && waited.Elapsed < LongestWait)
            {
                Thread.Sleep(BetweenTries);
            }
        }
    }

    private static FileStreamOptions Private(FileMode mode, FileAccess access)
    {
        var options = new FileStreamOptions { Mode = mode, Access = access, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        return options;
    }

    /// <summary>Makes a folder that only its owner may open.</summary>
    public static void MakeFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
            return;
        }

        // A folder that was there before may let others in, and they could replace what lies in it.
        Directory.CreateDirectory(folder, OwnersFolder);
        if (File.GetUnixFileMode(folder) is var mode && (mode & ~OwnersFolder) != 0)
            File.SetUnixFileMode(folder, mode & OwnersFolder);
    }

    private static void Writing(string path, Action write)
    {
        try
        {
            write();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new LabException(
                "LabFileNotWritten",
                LabErrorKind.PermissionDenied,
                $"'{path}' was not written: {error.Message}",
                path,
                "Make the folder writable for you, or keep labs elsewhere: $env:XDG_DATA_HOME = 'FOLDER'",
                error);
        }
    }
}
