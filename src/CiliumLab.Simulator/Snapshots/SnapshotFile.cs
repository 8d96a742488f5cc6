using System.IO.Compression;
using System.Text.Json;
using CiliumLab.Engine.Labs;
using CiliumLab.Model;

namespace CiliumLab.Simulator.Snapshots;

/// <summary>
/// A lab in a file that only its owner can read: a line that says what it is, then the lab. The line names the builds of the module's
/// assemblies, because what is kept are their own objects; another build cannot read them and says so.
/// </summary>
internal static class SnapshotFile
{
    private const int LongestLine = 16 * 1024;

    /// <summary>Writes a lab, whole or not at all.</summary>
    public static void Write(string path, SnapshotHeader header, byte[] image)
    {
        using var packed = new MemoryStream();
        packed.Write(JsonSerializer.SerializeToUtf8Bytes(header));
        packed.WriteByte((byte)'\n');
        using (var deflate = new DeflateStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            deflate.Write(image);
        PrivateFile.Write(path, packed.ToArray());
    }

    /// <summary>What a file says about itself.</summary>
    /// <exception cref="LabException"><c>SnapshotInvalid</c>.</exception>
    public static SnapshotHeader ReadHeader(string path)
    {
        using var file = File.OpenRead(path);
        return Header(file, path);
    }

    /// <summary>Reads a lab; it rests until it is resumed.</summary>
    /// <exception cref="LabException"><c>SnapshotInvalid</c> or <c>SnapshotOfOtherVersion</c>.</exception>
    public static LabImage Read(string path, Func<SnapshotHeader, TimeProvider> clock)
    {
        using var file = File.OpenRead(path);
        var header = Header(file, path);
        if (header.Builds != SnapshotHeader.BuildsHere)
        {
            throw new LabException(
                "SnapshotOfOtherVersion",
                LabErrorKind.InvalidData,
                $"'{path}' was written by CiliumLab {header.Version}, of another build than this one ({SnapshotHeader.VersionHere}); only the same build can read it.",
                header.Lab,
                $"Use the CiliumLab that wrote it, or make the lab anew: Remove-LabCluster {header.Lab}; New-LabCluster {header.Lab} -Provider Simulator");
        }

        try
        {
            using var plain = new MemoryStream();
            using (var deflate = new DeflateStream(file, CompressionMode.Decompress))
                deflate.CopyTo(plain);
            plain.Position = 0;
            return LabImages.Read(plain, clock(header));
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException or ArgumentException or InvalidCastException)
        {
            throw Invalid(path, error.Message, error);
        }
    }

    private static SnapshotHeader Header(FileStream file, string path)
    {
        var line = new List<byte>();
        int next;
        while ((next = file.ReadByte()) is not (-1 or '\n') && line.Count < LongestLine)
            line.Add((byte)next);
        try
        {
            return JsonSerializer.Deserialize<SnapshotHeader>(line.ToArray()) ?? throw Invalid(path, "it says nothing about itself");
        }
        catch (JsonException error)
        {
            throw Invalid(path, "it is no snapshot", error);
        }
    }

    private static LabException Invalid(string path, string reason, Exception? inner = null) =>
        new("SnapshotInvalid", LabErrorKind.InvalidData, $"The snapshot '{path}' cannot be read: {reason}.", path, "Remove it with Remove-LabSnapshot, or delete the file.", inner);
}
