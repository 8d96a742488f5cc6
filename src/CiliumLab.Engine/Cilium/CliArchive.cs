using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using CiliumLab.Model;

namespace CiliumLab.Engine.Cilium;

/// <summary>A release archive of cilium-cli: published beside it is its SHA-256, in the format of sha256sum.</summary>
/// <param name="Content">The archive.</param>
/// <param name="Checksum">The published checksum, in lower case.</param>
internal sealed record CliArchive(byte[] Content, string Checksum)
{
    private const string Program = "cilium";
    private const int HashLength = 64;

    private static readonly HttpClient Web = new() { Timeout = TimeSpan.FromMinutes(10) };

    /// <summary>The newest version that its makers call stable.</summary>
    /// <exception cref="LabException"><c>CliDownloadFailed</c>, or <c>CliVersionUnknown</c> when what lies there is no version.</exception>
    public static async Task<string> StableVersionAsync(Uri stable, CancellationToken cancellationToken)
    {
        var text = System.Text.Encoding.UTF8.GetString(await GetAsync(stable, cancellationToken).ConfigureAwait(false)).Trim();
        return text.StartsWith('v') && Version.TryParse(text[1..].Split('-')[0], out _)
            ? text
            : throw new LabException("CliVersionUnknown", LabErrorKind.InvalidData, $"'{stable}' does not hold a version: '{text[..Math.Min(text.Length, 40)]}'.", stable.AbsoluteUri, "Name the version: -Version v0.18.5");
    }

    /// <summary>Fetches a release.</summary>
    public static async Task<CliArchive> DownloadAsync(Uri releases, string version, string architecture, CancellationToken cancellationToken)
    {
        var archive = new Uri($"{releases.AbsoluteUri.TrimEnd('/')}/download/{version}/cilium-linux-{architecture}.tar.gz");
        var checksum = System.Text.Encoding.UTF8.GetString(await GetAsync(new Uri(archive.AbsoluteUri + ".sha256sum"), cancellationToken).ConfigureAwait(false));
        return new CliArchive(await GetAsync(archive, cancellationToken).ConfigureAwait(false), Hash(checksum, archive.AbsoluteUri));
    }

    /// <summary>Reads a file that was fetched before; its checksum is given, or lies beside it in a file with <c>.sha256sum</c> at its end.</summary>
    public static async Task<CliArchive> ReadAsync(string path, string? checksum, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
            throw new LabException("CliArchiveNotFound", LabErrorKind.ObjectNotFound, $"There is no file '{path}'.", path, "Check the path.");
        if (checksum is null && File.Exists(path + ".sha256sum"))
            checksum = await File.ReadAllTextAsync(path + ".sha256sum", cancellationToken).ConfigureAwait(false);
        if (checksum is null)
        {
            throw new LabException(
                "CliChecksumUnknown",
                LabErrorKind.InvalidArgument,
                $"Nothing says what the SHA-256 of '{path}' should be.",
                path,
                "Give it with -Sha256, or put the published .sha256sum file beside the archive.");
        }

        return new CliArchive(await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false), Hash(checksum, path));
    }

    /// <summary>The program out of the archive, after the archive was checked.</summary>
    /// <exception cref="LabException"><c>CliChecksumWrong</c> or <c>CliArchiveInvalid</c>.</exception>
    public byte[] Unpack()
    {
        var actual = Convert.ToHexStringLower(SHA256.HashData(Content));
        if (actual != Checksum)
        {
            throw new LabException(
                "CliChecksumWrong",
                LabErrorKind.InvalidData,
                $"The archive's SHA-256 is {actual}, and the published one is {Checksum}. Nothing was installed.",
                Checksum,
                "Fetch the archive again; if that does not help, somebody changed it on its way.");
        }

        try
        {
            using var unzipped = new GZipStream(new MemoryStream(Content), CompressionMode.Decompress);
            using var entries = new TarReader(unzipped);
            while (entries.GetNextEntry() is { } entry)
            {
                if (entry is { EntryType: TarEntryType.RegularFile or TarEntryType.V7RegularFile, DataStream: { } data } && entry.Name.TrimStart('.', '/') == Program)
                {
                    using var program = new MemoryStream();
                    data.CopyTo(program);
                    return program.ToArray();
                }
            }
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException or FormatException)
        {
            throw Invalid(error.Message, error);
        }

        throw Invalid($"it holds no file '{Program}'", null);
    }

    private static LabException Invalid(string reason, Exception? error) =>
        new("CliArchiveInvalid", LabErrorKind.InvalidData, $"The archive is no release of cilium-cli: {reason.TrimEnd('.')}.", null, "Give a cilium-linux-ARCHITECTURE.tar.gz of its releases.", error);

    private static string Hash(string text, string source)
    {
        var word = text.Trim().Split([' ', '\t', '\n'], 2)[0].ToLowerInvariant();
        return word.Length == HashLength && word.All(char.IsAsciiHexDigit)
            ? word
            : throw new LabException("CliChecksumInvalid", LabErrorKind.InvalidData, $"What is given as the SHA-256 of '{source}' is none: '{word}'.", source, "It has 64 digits from 0 to f.");
    }

    private static async Task<byte[]> GetAsync(Uri address, CancellationToken cancellationToken)
    {
        try
        {
            return await Web.GetByteArrayAsync(address, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is HttpRequestException || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new LabException(
                "CliDownloadFailed",
                LabErrorKind.ConnectionError,
                $"'{address}' cannot be fetched: {error.Message.TrimEnd('.')}.",
                address.AbsoluteUri,
                "Check the version and the way to the internet; or fetch the archive elsewhere and give it with -Path.",
                error);
        }
    }
}
